"""The people of the BIWI twin, their rooms, and the camera that sees them."""
