#!/bin/sh
# etcd-member join|leave|healthy: makes this node a member of the cluster, ends that, or asks whether it is a good one.
set -eu
. /etc/etcd-member.env
export ETCDCTL_API=3
PEER="http://$ADDRESS:2380"

# The clients' addresses of the other members, with commas.
others() {
  for member in $MEMBERS; do
    url=${member#*=}
    [ "$url" = "$PEER" ] || printf '%s' "${url%:2380}:2379,"
  done | sed 's/,$//'
}

ask() { etcdctl --endpoints="$(others)" --dial-timeout=2s --command-timeout=5s "$@"; }

# etcd refuses to change its members until all of them have been connected for five seconds.
patiently() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 10 ] || return 1
    sleep 2
  done
}

join() {
  state=new
  cluster=$(echo "$MEMBERS" | sed 's/ *$//' | tr -s ' ' ',')
  # Who answers is a cluster already: this node is added to it, unless it is one of its first members.
  if listed=$(ask member list 2>/dev/null); then
    state=existing
    if ! printf '%s\n' "$listed" | grep -qF " $PEER,"; then
      patiently ask member add "$NAME" --peer-urls="$PEER"
      listed=$(ask member list)
    fi
    cluster=$(for member in $MEMBERS; do
      if printf '%s\n' "$listed" | grep -qF " ${member#*=},"; then printf '%s,' "$member"; fi
    done | sed 's/,$//')
  fi
  umask 077
  # What is there may be read by everybody: it is replaced, and not written to.
  cat >/etc/default/.etcd.new <<END
ETCD_NAME=$NAME
ETCD_DATA_DIR=/var/lib/etcd/default
ETCD_LISTEN_PEER_URLS=$PEER
ETCD_LISTEN_CLIENT_URLS=http://$ADDRESS:2379,http://127.0.0.1:2379
ETCD_INITIAL_ADVERTISE_PEER_URLS=$PEER
ETCD_ADVERTISE_CLIENT_URLS=http://$ADDRESS:2379
ETCD_INITIAL_CLUSTER=$cluster
ETCD_INITIAL_CLUSTER_STATE=$state
ETCD_INITIAL_CLUSTER_TOKEN='$TOKEN'
END
  mv -f /etc/default/.etcd.new /etc/default/etcd
  # It is ready when most of the members are, and these may be waiting for us to be through with this one.
  systemctl restart --no-block etcd
  touch /etc/etcd-member.joined
}

leave() {
  id=$(ask member list | grep -F " $PEER," | cut -d, -f1)
  if [ -n "$id" ]; then patiently ask member remove "$id"; fi
}

healthy() { etcdctl --endpoints=http://127.0.0.1:2379 --command-timeout=5s endpoint health; }

case "${1:-}" in
  join | leave | healthy) "$1" ;;
  *)
    echo 'etcd-member join|leave|healthy' >&2
    exit 2
    ;;
esac
