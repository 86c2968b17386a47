# SPDX-License-Identifier: Apache-2.0
# bash completion for tenet. The options are those of `tenet help COMMAND`; a
# test holds the two against each other.

_tenet_findings() {
    "${COMP_WORDS[0]}" findings --all --json 2>/dev/null |
        grep -o '"id":"f[0-9a-f]*"' | cut -d '"' -f 4 | cut -c 1-9
}

_tenet_interfaces() {
    ls /sys/class/net 2>/dev/null
}

_tenet() {
    local current=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="watch devices findings show fields rules intel mud ledger witness help"
    local words=
    COMPREPLY=()

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" \
            -- "$current")
        return
    fi
    case $previous in
    --ledger | --to)
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        return ;;
    --eve | --rules | --intel | --pcap | --mud | --mud-ca | --ca | --signature | --out | \
        --key | --store | --policy | --untrusted)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return ;;
    --filter | --origin | --count | --home-net | --variable | --device | --by | --because | --url | --at | --controller | \
        --mud-controller | --name | --listen | --tsa) return ;;
    esac
    case ${COMP_WORDS[1]} in
    watch) words="--json --eve --ledger --no-ledger --no-seal --rules --intel
        --home-net --variable
        --hash-files --filter
        --checksums --no-progress --mud --mud-ca --mud-controller
        --mud-import" ;;
    devices | findings) words="--all --json --ledger" ;;
    show) words="--pcap --json --ledger" ;;
    fields) words="--json" ;;
    rules) words="--json --home-net --variable" ;;
    intel) words="--json --intel" ;;
    mud) words="--json --mud --controller --device --out --by --because
        --import --url --signature --ca --at" ;;
    ledger) words="--ledger --origin --count --to" ;;
    witness) words="--key --name --log --listen --store --policy --tsa --ca
        --untrusted --verify" ;;
    help) words=$commands ;;
    esac
    if [[ $current != -* ]]; then
        case ${COMP_WORDS[1]} in
        watch) words=$(_tenet_interfaces) ;;
        show) words=$(_tenet_findings) ;;
        rules) [ "$COMP_CWORD" -eq 2 ] && words="check explain why" || words= ;;
        intel) [ "$COMP_CWORD" -eq 2 ] && words="check explain" || words= ;;
        mud) [ "$COMP_CWORD" -eq 2 ] &&
            words="check explain conform learn accept" || words= ;;
        ledger) if [ "$COMP_CWORD" -eq 2 ]; then
                words="init show tail fsck prove"
            else
                words=$(_tenet_findings)
            fi ;;
        witness) [ "$COMP_CWORD" -eq 2 ] &&
            words="serve keygen ask stamp" || words= ;;
        help) ;;
        *) words= ;;
        esac
        case ${COMP_WORDS[1]} in
        watch | rules | intel | mud)
            mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        esac
    fi
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY \
        < <(compgen -W "$words" -- "$current")
}

complete -o filenames -F _tenet tenet
