"""Arrays in, arrays out: the mathematics, knowing nothing of files, tables or maps."""
