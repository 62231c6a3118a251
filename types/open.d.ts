/** One of the known values, or any other string: the API may introduce values that are newer than this file. */
export type Open<Known extends string> = Known | (string & {});
