/** The folder of package.json. */
export declare const repository: string;
/** The version of Temporal's command line that deploy/temporal/go.mod pins, such as `1.8.2`. */
export declare const temporalVersion: (root?: string) => string;
