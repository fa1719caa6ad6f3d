import { asTyped } from '../web/form-errors.js';

/** The form as it was typed. A password never goes back into a page. */
export interface TypedIntegration {
  enabled: boolean;
  url: string;
  username: string;
  serviceNowWrapper: boolean;
}

/** What the form changes, as the API takes it: the whole webhook, and the password only where one was typed. */
export function changeFrom(body: unknown): Record<string, unknown> {
  const { url, username, password, passwordChange } = fieldsOf(body);
  return {
    enabled: isChecked(body, 'enabled'),
    url: url.trim() || null,
    username: username || null,
    serviceNowWrapper: isChecked(body, 'serviceNowWrapper'),
    ...passwordIn(password, passwordChange),
  };
}

export function typedIn(body: unknown): TypedIntegration {
  const { url, username } = fieldsOf(body);
  return {
    enabled: isChecked(body, 'enabled'),
    url,
    username,
    serviceNowWrapper: isChecked(body, 'serviceNowWrapper'),
  };
}

/** Typing a password says that it is wanted, whatever is ticked: nobody types one to have none. */
function passwordIn(password: string, change: string): { password?: string | null } {
  if (password !== '') {
    return { password };
  }
  return change === 'clear' ? { password: null } : {};
}

function fieldsOf(body: unknown) {
  return asTyped(body, ['url', 'username', 'password', 'passwordChange']);
}

function isChecked(body: unknown, name: string): boolean {
  return asTyped(body, [name])[name] === 'on';
}
