import type { AccountRequest } from './current.js';
import { addressOf } from './address.js';
import { browserWords } from './browser-words.js';
import type { Member } from './member.entity.js';

/** Signs the member in under a new session; whatever session the visitor had has ended. */
export async function startSession(request: AccountRequest, member: Member): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.logIn({ memberId: member.id }, (error: Error | null) => (error ? reject(error) : resolve()));
  });
  const { session } = request;
  session.signedInAt = Date.now();
  session.memberVersion = member.sessionVersion;
  session.address = addressOf(request);
  session.browser = browserWords(request.headers['user-agent']);
}
