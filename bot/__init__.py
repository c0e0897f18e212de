"""The running program: settings, wiring, intake, courier, schedule, commands."""
