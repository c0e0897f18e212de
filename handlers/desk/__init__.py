"""The organiser's desk: menu, calendar and grants, campaigns."""
