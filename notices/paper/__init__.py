"""How letters look: styles and page layout for every print."""
