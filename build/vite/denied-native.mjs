// Stands where ssh2 looks for its optional native parts; ssh2 catches this and takes its JavaScript code.
throw new Error('native part left out on purpose, see build/vite/entries.mjs')
