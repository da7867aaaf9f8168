"""The decisions of quizzes as pure functions: drawing, marking, time, arithmetic."""
