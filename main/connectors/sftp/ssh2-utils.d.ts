/** Inner parts of ssh2 that `certified-key.ts` finishes a sign-in with; its test fails when another version has others. */
declare module 'ssh2/lib/protocol/utils.js' {
  const utils: {
    /** The signature that OpenSSL made, as SSH writes it for this type of key; false when it is none. */
    readonly convertSignature: (signature: Buffer, keyType: string) => Buffer | false | undefined
    /** Sends what the protocol's writer finished, after an exchange of keys that is going on. */
    readonly sendPacket: (protocol: object, packet: Buffer) => boolean
  }
  export default utils
}
