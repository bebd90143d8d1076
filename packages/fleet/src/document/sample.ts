/** A document to begin with, which {@link readFleetDocument} accepts. Its first line leads editors to the schema beside it. */
export const sampleDocument: string = `# yaml-language-server: $schema=./fleet.schema.json
#
# Which libraries of which vCenters are mirrored to which places, and when. This document holds no secrets: contexts,
# the environment of the workers, and files say how to log in.

# Without this line the fleet is one worker with a database of its own. Several workers need a PostgreSQL.
# Its password is that of PGPASSWORD or ~/.pgpass.
# database: postgres://fleet@db.example.com/fleet

vcenters:
  berlin:
    context: berlin # made by: carrel context add berlin --server vc.berlin.example.com --user reader@vsphere.local
    transfers: 2 # at once, by all workers together
  munich:
    context: munich
    transfers: 1

targets:
  nfs:
    path: /srv/images # the same directory on every worker
  bucket:
    s3: s3://images/fleet
    region: eu-central-1

mirrors:
  berlin-images:
    vcenter: berlin
    library: Images
    target: nfs
    prefix: berlin/images
    cron: "0 3 * * *" # every night at three
    timezone: Europe/Berlin
    delete: true # what no longer exists at the vCenter
  munich-templates:
    vcenter: munich
    library: Templates
    target: bucket
    prefix: munich
    cron: "@hourly"
    priority: 10 # before others
`;
