/** A value that must be nowhere but where it is named here. */
export interface Canary {
  name: string;
  secret: string;
  /** Where it may be seen after all, and why. */
  except?: { where: RegExp; because: string }[];
}

/** Something that somebody can read. */
export interface Place {
  /** `GET /members as admin`, `log`, `table session` */
  where: string;
  text: string;
}

/** Where canaries are that must not be there, a line each. */
export function escapedCanaries(canaries: readonly Canary[], places: readonly Place[]): string[] {
  return canaries.flatMap(({ name, secret, except = [] }) => {
    const forms = formsOf(secret);
    return places
      .filter(({ where }) => !except.some((exception) => exception.where.test(where)))
      .flatMap((place) =>
        forms.filter(([, form]) => place.text.includes(form)).map(([as]) => `${name} ${as} in ${place.where}`),
      );
  });
}

/** The secret as it may travel: as it is, percent-encoded, in JSON, in HTML, as hex, and within anything in base64. */
function formsOf(secret: string): [string, string][] {
  const forms: [string, string][] = [
    ['as it is', secret],
    ['percent-encoded', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in HTML', secret.replaceAll(/[&<>"'`=]/g, (character) => entities[character]!)],
    ['as hex', Buffer.from(secret).toString('hex')],
    ...[0, 1, 2].flatMap((shift): [string, string][] => {
      // The characters whose bits are the secret's alone, whatever stands around it.
      const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64url');
      const core = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + Buffer.byteLength(secret)) * 8) / 6));
      return [
        ['in base64url', core],
        ['in base64', core.replaceAll('-', '+').replaceAll('_', '/')],
      ];
    }),
  ];
  // Most secrets look the same in several: the first name counts.
  return forms.filter(([, form], index) => forms.findIndex(([, other]) => other === form) === index);
}

/** As Handlebars writes them. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
};
