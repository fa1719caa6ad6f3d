export const UNDER_WAY = 'A call is under way or about to be made. Wait for what comes of it.';
export const SENT_AGAIN =
  'One more attempt is being made, with the same Webhook ID and payload. What comes of it appears below.';
