/** Texts of the first steps. */
export const onboarding = {
  title: 'Welcome to Fernsync',
  body: 'Three short steps: a server, two folders, a first run. You can leave at any point; what is complete is kept.',
  steps: [
    {
      title: 'Add a server',
      body: 'Its password or key is encrypted in your vault before anything else happens.',
    },
    { title: 'Choose two folders', body: 'One here and one there, and which way the files go.' },
    { title: 'Look, then run', body: 'You see every change before anything is touched.' },
  ],
  begin: 'Add your first server',
  later: 'Look around first',
  trail: 'Progress',
  trailSteps: ['Server', 'Identity and sign-in', 'Folders', 'Direction', 'Schedule', 'First run'],
  leave: 'Leave',
} as const
