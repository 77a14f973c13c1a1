"""How errors become answers: one table, and the edge that every request passes through."""
