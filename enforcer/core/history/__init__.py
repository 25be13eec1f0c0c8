"""What earlier runs mean to later ones: what they sent and left open, and what is different since."""
