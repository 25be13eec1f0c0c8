"""How a run is prepared, carried out and gone back to."""
