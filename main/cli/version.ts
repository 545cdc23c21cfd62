import packageFile from '../../package.json' with { type: 'json' }

/** Version of this program, from package.json at build time. */
export const version: string = packageFile.version
