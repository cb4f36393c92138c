"""Very many checks of what is right, of which none may fail, and of what is a little wrong."""
