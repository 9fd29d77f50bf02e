/**
 * The time that files in images and images themselves have, in seconds since 1970: 2024-01-01. Fixed, so that the same
 * inputs give the same bytes; not 1970, which zip archives cannot hold.
 */
export const BUILD_TIME_SECONDS = 1_704_067_200;
