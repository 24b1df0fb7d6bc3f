"""The pictures of the PASCAL and the bear twin: artwork, and scenes composed of it."""
