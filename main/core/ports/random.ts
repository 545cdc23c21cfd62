/** Cryptographically secure randomness. */
export interface Random {
  /** `length` fresh bytes; the caller owns and, if they are secret, wipes them. */
  bytes(length: number): Uint8Array
  /** RFC 9562 version 4 UUID, lower case. */
  uuid(): string
}
