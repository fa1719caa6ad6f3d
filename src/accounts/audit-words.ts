/** Acts whose name alone would not say it well; `support_group.renamed` reads as `Support group renamed`. */
const words: Readonly<Record<string, string>> = {
  sign_in: 'Signed in',
  'sign_in.failed': 'Failed sign-in',
  sign_out: 'Signed out',
  'account.renamed': 'Own name changed',
  'account.password_changed': 'Password changed',
  'api_key.created': 'API key created',
  'api_key.revoked': 'API key revoked',
  'member.invitation_withdrawn': 'Invitation withdrawn',
  'member.signed_out': 'Member signed out everywhere',
};

export function actionWords(action: string): string {
  const plain = action.replace(/[._]/g, ' ');
  return words[action] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** Details as pairs to read: `from: Viewer`. */
export function detailWords(details: Readonly<Record<string, unknown>>): { name: string; value: string }[] {
  return Object.entries(details).map(([name, value]) => ({
    name: name.replace(/([a-z])([A-Z])|_/g, (_, before = '', after = '') => `${before} ${after.toLowerCase()}`),
    value: valueWords(value),
  }));
}

function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === '') {
    return 'none';
  }
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
