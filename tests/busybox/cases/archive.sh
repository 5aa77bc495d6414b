# SPDX-License-Identifier: BSD-2-Clause
## case gzip_round_trip: gzip gunzip
cp $D/prose.txt f; gzip f; ls; gunzip f.gz; cmp f $D/prose.txt && echo same; gzip -c f | gunzip -c | cmp - f && echo piped
## case gzip_output: gzip
printf 'aaaaaaaaaabbbbbbbbbb' | gzip -n -c | od -An -tx1 | tail -n +2; gzip -t $D/prose.txt; echo $?
## case zcat_reads: zcat gzip
gzip -c $D/table.csv > t.gz; zcat t.gz | head -n 2; zcat t.gz t.gz | wc -l
## case gzip_large: gzip md5sum
seq 1 50000 | gzip -9 > f.gz; zcat f.gz | md5sum; gzip -t f.gz && echo good; head -c 100 f.gz > cut.gz; zcat cut.gz > /dev/null 2>&1; echo $?
## case bzip2_round_trip: bzip2 bunzip2 bzcat
bzip2 -c $D/prose.txt > f.bz2; bzcat f.bz2 | cmp - $D/prose.txt && echo same; cp f.bz2 g.bz2; bunzip2 g.bz2; wc -c g; bzip2 -c $D/old.c | md5sum
## case xz_decompresses: xz xzcat unxz
base64 -d > f.xz <<'X'
/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQATeHogcGFja2VkIHRoaXMgbGluZQoAS4Owa1iVk4wA
ASwU+AptAx+2830BAAAAAARZWg==
X
xz -dc f.xz; echo $?; xzcat f.xz; unxz -c f.xz; echo $?
## case lzma_refuses_junk: unlzma lzcat
echo junk > f.lzma; unlzma f.lzma; echo $?; lzcat f.lzma > /dev/null 2>&1; echo $?
## case lzop_round_trip: lzop
lzop -c $D/prose.txt > f.lzo && lzop -dc f.lzo | cmp - $D/prose.txt && echo same
## case uncompress_and_zcat: uncompress zcat
printf '\037\235\220a\304\214\031\0' > f.Z; uncompress -c f.Z > /dev/null 2>&1; echo $?
## case tar_create_list_extract: tar
mkdir -p d/e; cp $D/old.c d; echo in > d/e/f; ln -s old.c d/l; tar -cf t.tar d; tar -tf t.tar | sort; mkdir x; tar -xf t.tar -C x; find x | sort; cmp x/d/old.c $D/old.c && echo same; readlink x/d/l
## case tar_compressed: tar
mkdir d; seq 1 1000 > d/f; tar -czf t.tgz d; tar -tzf t.tgz; tar -cjf t.tbz d; rm -r d; tar -xjf t.tbz; md5sum < d/f; tar -xzOf t.tgz d/f | tail -n 1
## case tar_modes_and_links: tar stat
mkdir d; echo x > d/a; ln d/a d/b; chmod 750 d; chmod 604 d/a; touch -d '2012-12-12 12:12:12' d/a; tar -cf t.tar d; rm -r d; tar -xpf t.tar; stat -c '%a %h %Y' d/a d/b; stat -c %a d
## case tar_through_a_pipe: tar
mkdir d; touch d/keep d/skip.o; tar -cf - d | tar -tf - | sort; tar -cf t.tar -C d keep; tar -tf t.tar
## case tar_of_long_names: tar
n=$(printf 'p%.0s' $(seq 1 150)); mkdir -p $n/$n; echo deep > $n/$n/f; tar -cf t.tar $n; rm -r $n; tar -xf t.tar; cat $n/$n/f
## case tar_broken: tar
head -c 700 $D/prose.txt > t.tar; tar -tf t.tar > /dev/null 2>&1; echo $?; : > e.tar; tar -tf missing.tar > /dev/null 2>&1; echo $?
## case cpio_round_trip: cpio find
mkdir d; cp $D/table.csv d/t; ln -s t d/l; find d | sort | cpio -o -H newc > a.cpio 2>/dev/null; cpio -it < a.cpio 2>/dev/null; rm -r d; cpio -idm < a.cpio 2>/dev/null; cmp d/t $D/table.csv && echo same; readlink d/l
## case cpio_pass_through: cpio find
mkdir d out; echo x > d/f; find d | cpio -pd out 2>/dev/null; find out | sort
## case ar_members: ar
printf '!<arch>\n%-16s%-12s%-6s%-6s%-8s%-10s`\n' first 0 0 0 100644 6 > l.a; printf 'hello\n' >> l.a; ar -t l.a; ar -p l.a first
## case unzip_stored: unzip
printf 'PK\003\004\012\0\0\0\0\0\0\0\041\054\055\073\010\257\005\0\0\0\005\0\0\0\005\0\0\0f.txthelloPK\001\002\036\003\012\0\0\0\0\0\0\0\041\054\055\073\010\257\005\0\0\0\005\0\0\0\005\0\0\0\0\0\0\0\0\0\0\0\244\201\0\0\0\0f.txtPK\005\006\0\0\0\0\001\0\001\0\063\0\0\0\050\0\0\0\0\0' > a.zip; unzip -l a.zip | tail -n 1; unzip -p a.zip; echo; unzip -q a.zip; echo $?
## case rpm2cpio_refuses_junk: rpm2cpio
echo junk > f.rpm; rpm2cpio f.rpm > /dev/null 2>&1; echo $?
## case dpkg_deb_of_a_package: dpkg-deb tar gzip
mkdir c p; printf 'Package: tiny\nVersion: 1\nArchitecture: all\n' > c/control; echo payload > p/file; tar -C c -czf control.tar.gz ./control; tar -C p -czf data.tar.gz ./file; printf '2.0\n' > debian-binary
printf '!<arch>\n' > t.deb; for m in debian-binary control.tar.gz data.tar.gz; do s=$(stat -c %s $m); printf '%-16s%-12s%-6s%-6s%-8s%-10s`\n' $m 0 0 0 100644 $s >> t.deb; cat $m >> t.deb; [ $((s % 2)) = 0 ] || printf '\n' >> t.deb; done
dpkg-deb -f t.deb; dpkg-deb -c t.deb | awk '{print $NF}' | sort; dpkg-deb -x t.deb out && cat out/file
