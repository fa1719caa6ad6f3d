export const UNDER_WAY = 'A call is under way or about to be made. Wait for what comes of it.';
export const SENT_AGAIN = 'One more attempt is being made. Load the page again to see what came of it.';
