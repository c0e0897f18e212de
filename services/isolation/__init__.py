"""A process of its own for files that strangers send: pictures, archives, tables. It has a limit of memory and of
processor time, none of the bot's secrets, and its end is an unusable file, not the end of the bot. `child` is that
process, `pool` starts it and asks it, and `readers` are the functions that others call."""
