export const UNDER_WAY = 'A call is under way or about to be made. Wait for what comes of it.';
export const SENT_AGAIN =
  'One more attempt is being made, with the same Webhook ID and payload. What comes of it appears below.';
export const NOTHING_FOUND = 'There is nothing to send again: no delivery or event fits what was asked for.';
export const BULK_RUNNING = 'Another bulk redelivery is running. Wait until it is done, or cancel it.';
