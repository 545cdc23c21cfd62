import { parseSshCertificate } from '../../model/ssh-certificate.ts'

/** Why a server may have refused a certificate, as far as its dates tell; null when they do not, or it is none. */
export function certificateWords(certificate: string, now: number): string | null {
  const parsed = parseSshCertificate(certificate)
  if (parsed === null) return null
  const { validAfter, validBefore } = parsed
  if (validBefore !== null && validBefore <= now) return `The SSH certificate ended on ${day(validBefore)}.`
  return validAfter > now ? `The SSH certificate is valid from ${day(validAfter)} only.` : null
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
