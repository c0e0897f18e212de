"""What decisions against brushing bring: `bans` of shops (R29). The cases that they come from are `services.cases`."""
