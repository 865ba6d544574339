"""How an older store becomes today's, step by step. A revision that has shipped is never edited."""
