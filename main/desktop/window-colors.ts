/** The page's own background (`--canvas` of its tokens), so that a window whose page is not there yet does not flash. */
export const windowColors = { light: '#f7f8f5', dark: '#121613' } as const
