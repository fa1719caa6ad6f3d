import { Segment, SupportGroup } from './directory.entity.js';

/** The lists of the directory, by the name that addresses carry. */
export const directoryKinds = {
  'support-groups': { entity: SupportGroup, title: 'Support groups', one: 'support group', audited: 'support_group' },
  segments: { entity: Segment, title: 'Segments', one: 'segment', audited: 'segment' },
} as const;

export type DirectoryKind = keyof typeof directoryKinds;

export function isDirectoryKind(text: unknown): text is DirectoryKind {
  return typeof text === 'string' && Object.hasOwn(directoryKinds, text);
}
