// Stands where `electron` would be in Vitest: outside main/desktop nothing may need it, and loading the real package from
// plain Node starts a download.
throw new Error(
  'electron was imported in plain Node: only main/desktop may import it, and its tests run in test/e2e',
)
