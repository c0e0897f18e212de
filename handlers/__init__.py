"""What a person touches: handlers read a tap, call one service, show one screen."""
