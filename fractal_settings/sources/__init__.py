"""Sources: each reads one kind of place into layers, and says what is wrong with the place."""
