"""From facts to a judgement of risk: the score, the factors, the decision a person takes, and the memo on it."""
