"""What people write and read: addresses, quantities, points in time, and text from outside made harmless."""
