"""Who was affected: a question about the account database, answered once and sealed."""
