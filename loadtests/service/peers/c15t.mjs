// c15t's own backend under Node, as one hosts it: `node c15t.mjs FILE PORT` makes the tables in a new SQLite file in WAL
// mode and listens. It keeps each decision of POST /api/c15t/subjects.
import { c15tInstance, policyPackPresets } from "@c15t/backend";
import { kyselyAdapter } from "@c15t/backend/db/adapters/kysely";
import { migrator } from "@c15t/backend/db/migrator";
import { DB } from "@c15t/backend/db/schema";
import { serve } from "@hono/node-server";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";

const [file, port] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
const adapter = kyselyAdapter({ db: new Kysely({ dialect: new SqliteDialect({ database }) }), provider: "sqlite" });
await (await migrator({ db: DB.client(adapter), schema: "latest" })).execute();

const { handler } = c15tInstance({
  appName: "loadtest",
  basePath: "/api/c15t",
  trustedOrigins: ["shop.test"],
  adapter,
  logger: { level: "error" },
  policyPacks: [policyPackPresets.europeOptIn()],
});
serve({ fetch: handler, hostname: "127.0.0.1", port: Number(port) });
