"""The letters: what each duty says they must hold, their approval, and how they leave."""
