-- where each thread is
SELECT thread, frames, function, file, line FROM threads ORDER BY frames DESC
