W=/tmp/w-named-core/.build/release/named-worker
S=bench$$
$W $S keep m mem > /tmp/w-named-core/.keep & K=$!
sleep 0.5
echo "alone named: $($W $S locks m 1000)  plain: $($W $S plain mem 1000)"
for i in 1 2 3; do
$W $S locks m 1500 > /tmp/w-named-core/.a & A=$!; $W $S locks m 1500 > /tmp/w-named-core/.b & B=$!; wait $A $B; echo "named $(cat /tmp/w-named-core/.a) $(cat /tmp/w-named-core/.b)"
$W $S plain mem 1500 > /tmp/w-named-core/.a & A=$!; $W $S plain mem 1500 > /tmp/w-named-core/.b & B=$!; wait $A $B; echo "plain $(cat /tmp/w-named-core/.a) $(cat /tmp/w-named-core/.b)"
done
kill $K
