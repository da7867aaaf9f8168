"""AnXin LMS (安薪学堂): a training suite for labour-and-wage officers, built as a ladder of plugins."""
