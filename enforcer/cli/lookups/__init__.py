"""What commands find out that never send a change."""
