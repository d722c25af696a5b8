// A carrier for tests, made of the npm package `smpp`: takes messages, says so, and sends receipts. It reports on stdout, one JSON line each;
// what it is to do differently comes on stdin: {"refuse": 88, "times": 1} answers with that status, {"silent": true} not at all, {"drop": true} hangs up.
const smpp = require(process.argv[2]);
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
let number = 0, refuse = 0, times = 0, silent = false;
const sessions = new Set();

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on("close", () => sessions.delete(session));
  session.on("error", () => {});
  session.on("bind_transceiver", (pdu) => {
    const known = pdu.system_id === "hues" && pdu.password === "secret";
    say({ bind: pdu.system_id, known });
    session.send(pdu.response({ command_status: known ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL }));
  });
  session.on("unbind", (pdu) => { say({ unbind: true }); session.send(pdu.response()); });
  session.on("enquire_link", (pdu) => { say({ enquire: true }); session.send(pdu.response()); });
  session.on("submit_sm", (pdu) => {
    const { udh, message } = pdu.short_message;
    say({ to: pdu.destination_addr, from: pdu.source_addr, ton: pdu.source_addr_ton, coding: pdu.data_coding, text: message,
          udh: udh ? Array.from(udh[0] ?? udh) : null, receipt: pdu.registered_delivery });
    if (silent) return;
    if (times > 0) { times -= 1; session.send(pdu.response({ command_status: refuse })); return; }
    const id = `m-${(number += 1)}`;
    session.send(pdu.response({ message_id: id }));
    const stat = String(message).includes("UNDELIV") ? "UNDELIV" : "DELIVRD";
    session.deliver_sm({ source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, receipted_message_id: id,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:${stat} err:000 text:` });
  });
});
server.listen(Number(process.argv[3]), "127.0.0.1", () => say({ listening: server.address().port }));
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  if ("refuse" in order) { refuse = order.refuse; times = order.times ?? 1; }
  if ("silent" in order) silent = order.silent;
  if (order.drop) for (const session of sessions) session.destroy();
  say({ obeyed: true });
  if (order.receipt) for (const session of sessions) session.deliver_sm({ esm_class: 4, short_message: order.receipt });
}).on("close", () => process.exit(0));
