// Google's own Node client against the Drive emulator. Prints one JSON document of what it saw; the test that runs it judges.
//   node client.mjs ADDRESS REFRESH_TOKEN CLIENT_ID FILE
// ADDRESS without a slash at its end; FILE is uploaded and read back.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { google } from 'googleapis';

const [address, refreshToken, clientId, file] = process.argv.slice(2);
const size = statSync(file).size;
const seen = {};

const auth = new google.auth.OAuth2({
    clientId,
    clientSecret: 'secret',
    endpoints: { oauth2TokenUrl: `${address}/token`, oauth2RevokeUrl: `${address}/revoke` },
});
auth.setCredentials({ refresh_token: refreshToken });

// Uploads take their address from the call, everything else from the client.
const rootUrl = `${address}/`;
const drive = google.drive({ version: 'v3', auth, rootUrl });
const md5 = async (stream) => {
    const hash = createHash('md5');
    for await (const piece of stream) {
        hash.update(piece);
    }
    return hash.digest('hex');
};
const failure = async (call) => {
    try {
        await call;
        return 'no failure';
    } catch (error) {
        return { code: Number(error.code ?? error.status), reason: error.response?.data?.error?.errors?.[0]?.reason ?? null };
    }
};

seen.about = (await drive.about.get({ fields: 'user,storageQuota' })).data;

const folder = (await drive.files.create({ requestBody: { name: 'folder', mimeType: 'application/vnd.google-apps.folder' }, fields: 'id' })).data.id;

// Multipart, from a stream, under a generated id.
const [id] = (await drive.files.generateIds({ count: 1, space: 'drive' })).data.ids;
const multipart = {
    requestBody: { id, name: "it's a pack.bsp", parents: [folder], appProperties: { kind: 'pack' } },
    media: { mimeType: 'application/octet-stream', body: createReadStream(file) },
    fields: 'id,name,size,md5Checksum,appProperties,parents',
};
seen.multipart = (await drive.files.create(multipart, { rootUrl })).data;
seen.repeated = await failure(drive.files.create({ ...multipart, media: { ...multipart.media, body: createReadStream(file) } }, { rootUrl }));

// Resumable: the client starts the session, and the pieces are sent through its authenticated transport, as it has no upload in pieces of its own.
const start = await auth.request({
    method: 'POST',
    url: `${address}/upload/drive/v3/files?uploadType=resumable&fields=id,size,md5Checksum`,
    headers: { 'X-Upload-Content-Length': String(size), 'X-Upload-Content-Type': 'application/octet-stream', 'Content-Type': 'application/json' },
    data: JSON.stringify({ name: 'resumable.bsp', parents: [folder] }),
});
const session = start.headers.get ? start.headers.get('location') : start.headers.location;
const piece = 512 * 1024;
seen.ranges = [];
for (let first = 0; first < size; first += piece) {
    const last = Math.min(first + piece, size) - 1;
    const answer = await auth.request({
        method: 'PUT',
        url: session,
        headers: { 'Content-Range': `bytes ${first}-${last}/${size}`, 'Content-Length': String(last - first + 1) },
        body: createReadStream(file, { start: first, end: last }),
        duplex: 'half',
        validateStatus: (status) => status === 308 || status === 200,
    });
    const range = answer.headers.get ? answer.headers.get('range') : answer.headers.range;
    if (answer.status === 308) {
        seen.ranges.push(range);
    } else {
        seen.resumable = typeof answer.data === 'string' ? JSON.parse(answer.data) : answer.data;
    }
}

for (let count = 0; count < 5; count++) {
    await drive.files.create({ requestBody: { name: `small-${count}`, parents: [folder] }, media: { body: Readable.from([`content ${count}`]) } }, { rootUrl });
}

// Lists, with the paging of the client.
seen.listed = [];
seen.pages = 0;
for (let pageToken; seen.pages === 0 || pageToken; seen.pages++) {
    const page = (await drive.files.list({
        q: `'${folder}' in parents and trashed = false`, orderBy: 'name', pageSize: 3, pageToken, fields: 'nextPageToken,files(id,name,md5Checksum)', spaces: 'drive',
    })).data;
    seen.listed.push(...page.files.map((entry) => entry.name));
    pageToken = page.nextPageToken;
}
seen.found = (await drive.files.list({ q: "name = 'it\\'s a pack.bsp' and appProperties has { key='kind' and value='pack' }" })).data.files.map((entry) => entry.id);

// Downloads, whole and in part.
seen.whole = await md5((await drive.files.get({ fileId: id, alt: 'media' }, { responseType: 'stream' })).data);
const part = await drive.files.get({ fileId: id, alt: 'media' }, { responseType: 'arraybuffer', headers: { Range: 'bytes=1000-1999' } });
seen.part = { status: part.status, md5: createHash('md5').update(Buffer.from(part.data)).digest('hex') };
seen.beyond = (await failure(drive.files.get({ fileId: id, alt: 'media' }, { responseType: 'arraybuffer', headers: { Range: `bytes=${size}-` } }))).code;

// Change, trash, delete.
seen.replaced = (await drive.files.update({ fileId: id, requestBody: { name: 'renamed' }, media: { body: 'short' }, fields: 'id,name,size' }, { rootUrl })).data;
seen.trashed = (await drive.files.update({ fileId: id, requestBody: { trashed: true }, fields: 'trashed' })).data;
seen.deleted = (await drive.files.delete({ fileId: id })).status;
seen.gone = await failure(drive.files.get({ fileId: id }));

// A shared drive.
const shared = (await drive.drives.create({ requestId: 'request-1', requestBody: { name: 'shared' } })).data;
await drive.files.create({ requestBody: { name: 'in the drive', parents: [shared.id] }, media: { body: 'x' }, supportsAllDrives: true }, { rootUrl });
seen.shared = (await drive.files.list({ corpora: 'drive', driveId: shared.id, includeItemsFromAllDrives: true, supportsAllDrives: true })).data.files.map((entry) => entry.name);

// The end of the grant.
await auth.revokeCredentials();
auth.setCredentials({ refresh_token: refreshToken });
seen.revoked = await failure(drive.about.get({ fields: 'user' })).then((error) => error.code);

console.log(JSON.stringify(seen));
