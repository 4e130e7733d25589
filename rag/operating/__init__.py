"""What an operator does beside indexing: corrections, saved questions, replays, the page's token and worker."""
