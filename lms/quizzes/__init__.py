"""The quizzes plugin: question bank and versions, quizzes drawn from it, attempts saved answer by answer, marking."""
