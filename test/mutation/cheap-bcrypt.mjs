/** bcrypt at its lowest cost: people sign in for nearly every page, and how dear that is decides nothing here. */
import { hash as dearHash } from 'bcrypt';

export { compare } from 'bcrypt';

export function hash(password) {
  return dearHash(password, 4);
}
