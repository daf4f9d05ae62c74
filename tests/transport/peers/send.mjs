// Sends the message of each file to a port over MLLP with node-hl7-client; prints MSA-1 and MSA-2 of each answer.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { Client, Message } = createRequire(process.env.PEERS + "/")("node-hl7-client");
const [port, ...files] = process.argv.slice(2);
const client = new Client({ host: "127.0.0.1", version: "2.5.1" });
const texts = files.map((file) => readFileSync(file, "utf-8"));
const next = async () => {
  if (texts.length === 0) {
    process.exit(0);
  }
  await connection.sendMessage(new Message({ text: texts.shift() }));
};
const connection = client.createConnection({ port: Number(port) }, async (response) => {
  const answer = response.getMessage();
  console.log(answer.get("MSA.1").toString() + " " + answer.get("MSA.2").toString());
  await next();
});
await next();
