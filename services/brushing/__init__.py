"""Use cases around the cases that `services.cases` decides: `case_files` shows what organisers look at before and
after, `bans` keeps shops out that have brushed, and `appeals` are those of shops (R29)."""
