// A host as the fleet file declares it.
import type { HostId } from "../../../shared/model.ts";

/** One entry of the inventory, validated. */
export interface HostEntry {
	readonly id: HostId;
	readonly address: string;
	/** 1 to 65535. */
	readonly port: number;
	readonly servername: string;
	readonly minTls: "1.2" | "1.3";
	readonly labels: Readonly<Record<string, string>>;
}
