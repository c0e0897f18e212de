"""What anyone may read of the rounds (R39): their figures, as the web pages, `/fairness` and bound chats show them."""
